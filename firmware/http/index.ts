/** The door for browsers and programs: HTTPS, the API made of the operations, live state. Runs in: main. */
export { asyncApi } from './asyncapi.ts';
export { BoxCertificate } from './certificate.ts';
export { openApi } from './openapi.ts';
export type { WebPorts } from './ports.ts';
export { tlsOf, WebDoor } from './web-door.ts';
