import type { Page } from '../page.ts';
import { codePage } from './code-page.ts';
import { checkPage, createPage, formPage, typesPage } from './create.ts';

/** From "What are you building?" to code that runs. Before the pages of a client, whose id is no "new". */
export const wizardPages: readonly Page[] = [typesPage, formPage, checkPage, createPage, codePage];
