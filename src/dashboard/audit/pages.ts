import type { Page } from '../page.ts';
import { download } from './export.ts';
import { list } from './list.ts';

export const auditPages: readonly Page[] = [list, download];
