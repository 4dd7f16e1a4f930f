import { afterAll, describe, test } from '@jest/globals';
import { openMongodb } from '../../src/store/mongodb.ts';
import { storeContract } from '../store.contract.ts';
import { NO_MONGO, startMongo } from '../support/mongo.ts';
import { specs } from './subject.ts';

const mongo = await startMongo();

if (mongo) {
  afterAll(() => mongo.stop());
  storeContract(
    'mongodb',
    () => openMongodb(mongo.url, specs),
    () => mongo.url,
  );
} else {
  describe('mongodb store', () => test.skip(NO_MONGO, () => {}));
}
