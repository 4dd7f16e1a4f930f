import { UnavailableError } from './store.ts';

/** What the driver calls its errors when there is no server to ask, or none that answered in time. */
const names: ReadonlySet<string> = new Set([
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoServerSelectionError',
  'MongoStalePrimaryError',
  'MongoSystemError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoWriteConcernError',
]);

/** The same said by a server: it is stepping down, shutting down, overloaded, or cut off itself. */
const codes: ReadonlySet<unknown> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  462, // IngressRequestRateLimitExceeded
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
]);

/** What Node itself says of a socket that the other side, or this one, has ended: no system call was made. */
const socketCodes: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** Whether an error says that the same call may work later. */
export function isPassing(error: unknown): boolean {
  const { name, code, errorLabels, syscall } = error as Record<string, unknown>;
  return (
    // What the system says of a socket, which the driver passes on as it is when a write fails.
    typeof syscall === 'string' ||
    names.has(name as string) ||
    codes.has(code) ||
    socketCodes.has(code) ||
    (Array.isArray(errorLabels) && errorLabels.includes('RetryableWriteError'))
  );
}

/** What a caller is to see of an error: that the store does not answer, where that is the reason. */
export function asUnavailable(error: unknown): unknown {
  return isPassing(error) ? new UnavailableError({ cause: error }) : error;
}

/**
 * The index that a write would have had twice, `id` for `_id`.
 * @returns `undefined` when that is not what failed
 */
export function duplicated(error: unknown): string | undefined {
  const { code, keyPattern } = error as { code?: unknown; keyPattern?: object };
  if (code !== 11000) return undefined;
  const path = Object.keys(keyPattern ?? { _id: 1 })[0] as string;
  return path === '_id' ? 'id' : path.replace(/^index\./, '');
}
