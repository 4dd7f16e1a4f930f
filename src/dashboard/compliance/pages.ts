import type { Page } from '../page.ts';
import { makeFix, showFix } from './fix.ts';
import { fleet, standing } from './fleet.ts';
import { report } from './report.ts';
import { tryChange } from './try.ts';

export const compliancePages: readonly Page[] = [
  report,
  showFix,
  makeFix,
  fleet,
  standing,
  tryChange,
];
