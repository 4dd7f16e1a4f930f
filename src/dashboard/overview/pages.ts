import type { Page } from '../page.ts';
import { overview } from './overview.ts';

export const overviewPages: readonly Page[] = [overview];
