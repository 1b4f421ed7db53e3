/**
 * Who or what has to act on an error: `caller` (the request or the settings are wrong), `missing` (the thing asked for does
 * not exist), `later` (trying again may succeed), `lost` (data is gone or doubtful), `bug` (the firmware is wrong).
 */
export type ErrorKind = 'caller' | 'missing' | 'later' | 'lost' | 'bug';

export interface ErrorInfo {
  readonly kind: ErrorKind;
  /** What happened, in plain words, for a person who has never seen the source. */
  readonly what: string;
  /** What that person can do now. */
  readonly advice: string;
}
