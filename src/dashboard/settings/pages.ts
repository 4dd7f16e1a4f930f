import type { Setting } from '../../config/settings.ts';
import type { Page } from '../page.ts';

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** The configuration in force, section by section. It is changed where it is written, never here. */
const view: Page = {
  method: 'get',
  path: '/settings',
  scope: 'settings:read',
  async handle({ rest, query }) {
    const { items } = await rest.get<{ items: Setting[] }>('/settings');
    const asked = query.get('only') === 'set';
    const shown = asked ? items.filter(({ source }) => source !== 'default') : items;
    const sections = Map.groupBy(shown, ({ name }) =>
      name.includes('.') ? (name.split('.')[0] as string) : '',
    );
    return {
      view: 'settings/settings',
      model: {
        asked,
        sections: [...sections].map(([name, options]) => ({
          name,
          options: options.map(({ value, ...option }) => ({ ...option, value: text(value) })),
        })),
      },
    };
  },
};

export const settingsPages: readonly Page[] = [view];
