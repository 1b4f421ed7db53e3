/** ONVIF: cameras found on the network, asked, steered and listened to. Runs in: main. */
export { discover, type Discovered, type DiscoveryOptions } from './discovery/discover.ts';
export type { InputsOutputs } from './inputs-outputs.ts';
export type { Media } from './media.ts';
export { OnvifCamera } from './onvif-camera.ts';
export type { LensControl } from './ptz/lens-control.ts';
export type { PtzControl } from './ptz/ptz-control.ts';
export type { CertificateGuard, ConnectGuard, OnvifDeps, OnvifLimits, OnvifTarget, Peer } from './ports.ts';
export type * from './types.ts';
