import type * as Http from 'node:http';

/**
 * Node's HTTP module without its facade for `import`, which reads every export, and with them loads a browser's whole way to
 * fetch: 11 MB that the box has no use for.
 */
export const http: typeof Http = process.getBuiltinModule('node:http');
