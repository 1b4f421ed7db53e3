import t from 'tap';
import { changesOf, completed, fingerprint, identityOf, mayBe, NOBODY } from '../../../firmware/cameras/identity.ts';

const DOME = {
  ...NOBODY,
  maker: 'Acme',
  model: 'Dome 4',
  serial: 'A100',
  mac: '00:11:22:33:44:55',
  endpoint: 'urn:uuid:11111111-1111-1111-1111-111111111111',
};

t.test('a camera is the same while what cannot change has not changed', async (t) => {
  t.strictSame(changesOf(DOME, DOME), []);
  t.strictSame(changesOf(NOBODY, DOME), [], 'nothing was remembered');
  t.strictSame(
    changesOf(DOME, { ...DOME, model: 'Dome 4 V2', endpoint: 'urn:uuid:2' }),
    [],
    'new firmware renames, restarts renumber',
  );
  t.strictSame(changesOf(DOME, { ...DOME, serial: '' }), [], 'one proof is enough');
});

t.test('another serial number, network interface or certificate is another camera', async (t) => {
  t.match(changesOf(DOME, { ...DOME, serial: 'B200' }), [{ field: 'serial', pinned: 'A100', found: 'B200' }]);
  t.match(changesOf(DOME, { ...DOME, mac: '66:77:88:99:aa:bb' }), [{ field: 'mac' }]);
  const secured = { ...DOME, certificate: fingerprint('ab'.repeat(32)) };
  t.match(changesOf(secured, { ...secured, certificate: fingerprint('cd'.repeat(32)) }), [{ field: 'certificate' }]);
  const seen = { ...secured, streamCertificate: fingerprint('ef'.repeat(32)) };
  t.strictSame(changesOf(seen, { ...DOME, certificate: '' }), [], 'without TLS there is no certificate to be seen');
  t.match(
    changesOf(DOME, { ...NOBODY, maker: 'Acme', model: 'Dome 4' }),
    [
      { field: 'serial', found: '' },
      { field: 'mac', found: '' },
    ],
    'one that proves nothing any more is not believed',
  );
});

t.test('what a camera says is kept in one form, without what could disguise it', async (t) => {
  const found = identityOf(
    { manufacturer: 'Ac\u202eme\r\n', model: ' X ', serial: 'A1', macs: ['AA:BB:CC:00:00:01', 'AA:BB:CC:00:00:02'] },
    'aa:bb:cc:00:00:02',
  );
  t.match(found, { maker: 'Ac me', model: 'X', serial: 'A1', mac: 'aa:bb:cc:00:00:02' });
  t.equal(completed({ ...NOBODY, serial: 'A1' }, { ...NOBODY, serial: 'B2', mac: 'm' }).serial, 'A1');
  t.equal(fingerprint('0a'.repeat(32)).slice(0, 8), '0A:0A:0A');
  t.equal(fingerprint('no digest'), '');
});

t.test('who answers a search may be the camera by its endpoint or its network interface', async (t) => {
  t.equal(mayBe(DOME, { endpoint: DOME.endpoint.toUpperCase() }), true);
  t.equal(mayBe(DOME, { mac: DOME.mac }), true);
  t.equal(mayBe(DOME, { endpoint: 'urn:uuid:other', mac: '' }), false);
  t.equal(mayBe(NOBODY, {}), false);
});
