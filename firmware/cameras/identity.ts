import type { CameraIdentity } from '../onvif/index.ts';

/** Who a camera is, as it is kept in the settings; empty: not known. */
export interface PinnedIdentity {
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
  readonly mac: string;
  readonly hardware: string;
  readonly endpoint: string;
  readonly certificate: string;
  /** Some have another one for their streams. */
  readonly streamCertificate: string;
}

export const NOBODY: PinnedIdentity = {
  maker: '',
  model: '',
  serial: '',
  mac: '',
  hardware: '',
  endpoint: '',
  certificate: '',
  streamCertificate: '',
};

/** A fact about a camera that is not what was remembered. */
export interface IdentityChange {
  readonly field: keyof PinnedIdentity;
  readonly pinned: string;
  /** Empty: the camera does not tell it any more. */
  readonly found: string;
}

/** What cannot change while a camera stays the same one. Endpoints are left out: some makers change them at every start. */
const STRONG = ['serial', 'mac', 'certificate', 'streamCertificate'] as const;
/** What a camera must tell when it is asked; certificates show only where there is TLS. */
const TOLD = ['serial', 'mac'] as const;
/** What counts where the camera has nothing stronger; firmware updates rename models, so not besides. */
const WEAK = ['hardware', 'maker', 'model'] as const;

/** What a camera says of itself, in the form that is kept. Of several network interfaces the remembered one counts, if it is there. */
export function identityOf(told: CameraIdentity, pinnedMac = ''): PinnedIdentity {
  const macs = told.macs.map((mac) => mac.toLowerCase());
  return {
    maker: plain(told.manufacturer),
    model: plain(told.model),
    serial: plain(told.serial),
    mac: macs.find((mac) => mac === pinnedMac.toLowerCase()) ?? macs[0] ?? '',
    hardware: plain(told.hardwareId),
    endpoint: plain(told.endpoint),
    certificate: fingerprint(told.certificateSha256),
    streamCertificate: '',
  };
}

/** How the found camera differs from the remembered one; empty if it is the same, or if nothing was remembered. */
export function changesOf(pinned: PinnedIdentity, found: PinnedIdentity): IdentityChange[] {
  const change = (field: keyof PinnedIdentity): IdentityChange => ({
    field,
    pinned: pinned[field],
    found: found[field],
  });
  const differs = (field: keyof PinnedIdentity): boolean =>
    pinned[field] !== '' && found[field] !== '' && !same(pinned[field], found[field]);
  const strong = STRONG.filter((field) => pinned[field] !== '');
  const wrong = strong.filter(differs);
  if (wrong.length > 0) return wrong.map(change);
  if (strong.some((field) => found[field] !== '')) return [];
  // It tells nothing of what would prove it.
  const untold = TOLD.filter((field) => pinned[field] !== '');
  if (untold.length > 0) return untold.map(change);
  return WEAK.filter(differs).map(change);
}

/** What was remembered, completed with what is known now. */
export function completed(pinned: PinnedIdentity, found: PinnedIdentity): PinnedIdentity {
  const fields = Object.keys(NOBODY) as (keyof PinnedIdentity)[];
  return Object.fromEntries(fields.map((field) => [field, pinned[field] || found[field]])) as unknown as PinnedIdentity;
}

/** Whether something that answered a search may be this camera: the same endpoint or the same network interface. */
export function mayBe(pinned: PinnedIdentity, found: { readonly endpoint?: string; readonly mac?: string }): boolean {
  const { endpoint = '', mac = '' } = found;
  return (pinned.endpoint !== '' && same(pinned.endpoint, endpoint)) || (pinned.mac !== '' && same(pinned.mac, mac));
}

/** SHA-256 as it is shown everywhere: hexadecimal in capitals, with colons. */
export function fingerprint(hex: string | undefined): string {
  const plainHex = (hex ?? '').replaceAll(':', '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(plainHex) ? plainHex.replaceAll(/(..)(?!$)/g, '$1:') : '';
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** One line without characters that could disguise it, as the settings take it. */
function plain(text: string | undefined): string {
  return (text ?? '')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .trim()
    .slice(0, 200);
}
