import { z } from 'zod';
import { operation } from '../operation.ts';

const Certificate = z.object({
  /** False: it was given to the box, which does not renew it. */
  madeByBox: z.boolean(),
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  validFrom: z.string(),
  validTo: z.string(),
  /** SHA-256, as browsers show it. */
  fingerprint: z.string(),
  /** The certificate with its chain; never the key. */
  pem: z.string(),
});

export const certificateShow = operation({
  name: 'certificate.show',
  title: 'The certificate that the box shows to browsers',
  effect: 'read',
  right: 'settings',
  offline: false,
  input: z.object({}),
  output: Certificate,
  handle: async (_input, box) => box.certificate.show(),
});

export const certificateReplace = operation({
  name: 'certificate.replace',
  title: 'Use a certificate of your own; without one, the box makes a new one of its own',
  effect: 'change',
  right: 'settings',
  offline: false,
  input: z
    .object({
      /** PEM, the certificate of the box first, then those between it and the root. */
      certificate: z.string().max(100_000).optional(),
      /** PEM, without a passphrase. */
      privateKey: z.string().max(20_000).optional(),
    })
    .refine(({ certificate, privateKey }) => (certificate === undefined) === (privateKey === undefined), {
      error: 'certificate and privateKey go together',
    }),
  output: Certificate,
  handle: async ({ certificate, privateKey }, box) =>
    certificate === undefined || privateKey === undefined
      ? box.certificate.makeOwn()
      : box.certificate.replace({ certificate, key: privateKey }),
});
