/** The floor that everything stands on: errors, clock, retry, bounded queue, the contract of a part. Runs in: any thread. */
export { CameraAddresses, lookupOf, type AddressGuard, type CameraAddressRules } from './camera-addresses.ts';
export { Authenticator, type Credentials } from './authenticator.ts';
export { ByteQueue, type DropCount, type Overflow } from './byte-queue.ts';
export { systemClock, type Clock } from './clock.ts';
export { CredentialGuard, type Admission, type LoginKey, type RefusalVerdict } from './credential-guard.ts';
export { ERROR_CODES, type ErrorCode, type ErrorInfo, type ErrorKind } from './error-codes.ts';
export { asBoxError, BoxError, type ErrorReport } from './errors.ts';
export { firstPromise } from './first-promise.ts';
export { addressesOf, isNetwork, isOwnAddress, isWithin, networkList, type HostAddress } from './networks.ts';
export type { Health, Part } from './part.ts';
export { http } from './plain-http.ts';
export { Questions, type Answered } from './questions.ts';
export { Backoff } from './retry.ts';
export { MASK, maskSecrets, maskText } from './secrets.ts';
export { syncFolder } from './sync-folder.ts';
export { lowerThreadPriority } from './thread-priority.ts';
export { tidyHeap, tidyHeapAfterStart } from './tidy-heap.ts';
export {
  isTimeZone,
  localDayAt,
  localDays,
  localMonth,
  offsets,
  weeklySpans,
  type LocalDay,
  type TimeSpan,
  type WeeklyTime,
} from './zone-time.ts';
