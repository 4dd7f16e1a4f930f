/** A grant as the API answers it. */
export interface GrantView {
  account?: { id: string; email: string; name?: string };
  client_id: string;
  client_name?: string;
  scopes?: { scope: string; resource?: string; granted: boolean }[];
  claims?: { claim: string; granted: boolean }[];
  authorization_details?: { detail: { type: string }; resources: string[] }[];
  active: number;
  created_at?: number;
  updated_at?: number;
}

/** Of one grant so many scopes, claims and details are shown; more would make a list heavy. */
const SCOPES = 12;
const CLAIMS = 12;
const DETAILS = 4;
/** Lines of one detail. */
const LINES = 60;

const beyond = (things: readonly unknown[], most: number) => Math.max(0, things.length - most);

/** What was allowed: scopes by the resource that they are of, claims, authorization details. */
export function allowedOf({ scopes = [], claims = [], authorization_details = [] }: GrantView) {
  const granted = scopes.filter((one) => one.granted);
  const released = claims.filter((one) => one.granted).map(({ claim }) => claim);
  const byResource = Map.groupBy(granted.slice(0, SCOPES), ({ resource }) => resource);
  return {
    scopes: [...byResource].map(([resource, those]) => ({
      resource,
      names: those.map(({ scope }) => scope),
    })),
    claims: released.slice(0, CLAIMS),
    refused: [...scopes, ...claims].filter((one) => !one.granted).length,
    details: authorization_details.slice(-DETAILS).map(({ detail, resources }) => ({
      type: detail.type,
      resources,
      lines: JSON.stringify(detail, undefined, 2).split('\n').slice(0, LINES),
    })),
    more:
      beyond(granted, SCOPES) + beyond(released, CLAIMS) + beyond(authorization_details, DETAILS),
  };
}
