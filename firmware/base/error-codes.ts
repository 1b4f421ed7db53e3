import { BOX_ERRORS } from './error-codes/box.ts';
import { CAMERAS_ERRORS } from './error-codes/cameras.ts';
import { RECORDING_ERRORS } from './error-codes/recording.ts';
import { STORAGE_ERRORS } from './error-codes/storage.ts';

export type { ErrorInfo, ErrorKind } from './error-codes/error-info.ts';

/**
 * Every error that may leave the process. A code is `area.what`, is never renamed or reused, and appears in docs/errors.md,
 * which is generated from here (`npm run docs`).
 */
export const ERROR_CODES = {
  ...CAMERAS_ERRORS,
  ...STORAGE_ERRORS,
  ...RECORDING_ERRORS,
  ...BOX_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
