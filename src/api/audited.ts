import type { Audit } from '../audit/audit.ts';
import type { Kind } from './crud.ts';

/** A kind whose changes are told to the audit here, because its own module does not. */
export function audited<T>(audit: Audit, singular: 'account' | 'resource', kind: Kind<T>): Kind<T> {
  const target = (id: string) => `${singular}:${id}`;
  return {
    ...kind,
    async create(input, actor) {
      const saved = await kind.create(input, actor);
      await audit.note({
        actor,
        action: `${singular}.create` as const,
        target: target(saved.entry.id),
        after: await kind.show(saved.entry),
      });
      return saved;
    },
    async replace(id, input, actor, version) {
      const before = await kind.show(await kind.get(id));
      const saved = await kind.replace(id, input, actor, version);
      await audit.note({
        actor,
        action: `${singular}.update` as const,
        target: target(id),
        before,
        after: await kind.show(saved.entry),
      });
      return saved;
    },
    async delete(id, actor) {
      const before = await kind.show(await kind.get(id));
      await kind.delete(id, actor);
      await audit.note({
        actor,
        action: `${singular}.delete` as const,
        target: target(id),
        before,
      });
    },
  };
}
