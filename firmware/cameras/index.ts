/** Cameras: found, added, recognised, steered, listened to. Runs in: main. */
export { addMany, type AddManyDeps, type AddVerdict, type Candidate } from './add-many.ts';
export { adviceFor, type SeenStream } from './advice.ts';
export { readCameraCsv, writeCameraCsv, type CameraRow } from './camera-csv.ts';
export { CameraRegistry, type CameraStanding } from './camera-registry.ts';
export { EventBook, type KeptEvent } from './event-book.ts';
export { EventIntake } from './event-intake.ts';
export { PresetPictures } from './preset-pictures.ts';
export { PtzDesk, type Lease, type Steerer } from './ptz-desk.ts';
export { SiteSearch, type FoundCamera } from './site-search.ts';
export { TrustBook } from './trust-book.ts';
export { patternsFor, urlAfter } from './url-patterns.ts';
