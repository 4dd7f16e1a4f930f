import { openMemory } from '../../src/store/memory.ts';
import { storeContract } from '../store.contract.ts';
import { specs } from './subject.ts';

storeContract('memory', () => openMemory('memory:', specs), {
  none: 'what is in one process’s memory no other can open',
});
