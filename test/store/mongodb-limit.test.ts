import { afterAll, describe, test } from '@jest/globals';
import { limitsCollection } from '../../src/store/limit.ts';
import { openMongodb } from '../../src/store/mongodb.ts';
import { NO_MONGO, startMongo } from '../support/mongo.ts';
import { sharedLimits } from './limit-shared.ts';

const mongo = await startMongo();

if (mongo) {
  afterAll(() => mongo.stop());
  sharedLimits(() => openMongodb(mongo.url, [limitsCollection]));
} else {
  describe('limits on mongodb', () => test.skip(NO_MONGO, () => {}));
}
