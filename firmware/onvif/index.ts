/** ONVIF: cameras found on the network, asked, steered and listened to. Runs in: main. */
export { discover, type Discovered, type DiscoveryOptions } from './discovery/discover.ts';
export { OnvifCamera } from './onvif-camera.ts';
export type { CertificateGuard, ConnectGuard, OnvifDeps, OnvifLimits, OnvifTarget, Peer } from './ports.ts';
export type * from './types.ts';
