import type { Signal } from '@preact/signals';

/** Both ends of the selection, in ms since 1970. */
export type Marks = Signal<{ readonly in: number | undefined; readonly out: number | undefined }>;
