/** The disks of the machine: how they are, and how volumes are made of them. Runs in: main. */
export { disksUnder } from './backing.ts';
export { DiskDoctor, type DiskHealth } from './disk-doctor.ts';
export { openDiskHistory } from './disk-history.ts';
export { worstOf, type Finding, type Verdict } from './finding.ts';
export { LatencyWatch } from './latency-watch.ts';
export type { LatencyCounts } from './latency.ts';
export { PrivilegedSmartSource } from './smart-source.ts';
export { DiskArrivals } from './arrivals.ts';
export { DiskPool } from './pool.ts';
export { checkBroughtFolder } from './pool-folder.ts';
export type { PoolPorts, PoolVolume } from './pool-ports.ts';
