import { NOTHING, type Allowance } from './rights.ts';

/** Who asks something of the box. Doors make it of what came with the request; nothing that the request claims of itself counts. */
export interface Caller extends Allowance {
  /**
   * `local`: the socket; whoever may open it owns the box. `anonymous`: nobody has signed in. `system`: a part of the box.
   */
  readonly kind: 'local' | 'session' | 'token' | 'platform' | 'system' | 'anonymous';
  /** Name of the user or token; `local`. */
  readonly name: string;
  /** Id of the session or token, which is not its secret; else empty. */
  readonly id: string;
  /** Remote address, or `local`. */
  readonly address: string;
  /** False as soon as the session or token has ended, however long ago the caller was made. */
  readonly signedIn: boolean;
}

/** Who asks over the socket of the data folder. */
export const LOCAL: Caller = {
  kind: 'local',
  name: 'local',
  id: '',
  address: 'local',
  signedIn: true,
  may: () => true,
};

/** Somebody who has not signed in. */
export function anonymous(address: string): Caller {
  return { kind: 'anonymous', name: '', id: '', address, signedIn: false, may: NOTHING.may };
}
