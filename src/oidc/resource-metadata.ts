/** Where a resource's own metadata is: between the host and the path of its identifier (RFC 9728, section 3.1). */
export const resourceMetadataPath = '/.well-known/oauth-protected-resource';

/** @param resource the identifier of a resource, without query */
export function resourceMetadataUri(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${resourceMetadataPath}${pathname}`;
}
