import t from 'tap';
import { readCameraCsv, writeCameraCsv, type CameraRow } from '../../../firmware/cameras/index.ts';

const EMPTY = Object.fromEntries(
  'id name main sub onvif username password mode groups labels order enabled maker model serial mac'
    .split(' ')
    .map((column) => [column, '']),
) as unknown as CameraRow;

t.test('24. a table of cameras holds no formula, whatever a camera is called, and comes back as it was', async (t) => {
  const names = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', 'a "quoted", name', 'two\nlines', '大门'];
  const rows = names.map((name, i) => ({ ...EMPTY, id: `c${i}`, name, main: 'rtsp://192.168.1.20/a?b=1;c=2' }));
  const text = writeCameraCsv(rows);
  for (const cell of text.split(/[\r\n,]+/)) t.notMatch(cell, /^"?[=+@-]/);
  t.strictSame(readCameraCsv(text), rows);
});

t.test('tables of spreadsheets are read with any separator, order of columns and subset of them', async (t) => {
  t.match(readCameraCsv('Name;Main\r\nDoor;rtsp://10.0.0.1/a\r\n;;\r\n'), [
    { name: 'Door', main: 'rtsp://10.0.0.1/a', id: '' },
  ]);
  t.match(readCameraCsv('main\tname\nrtsp://10.0.0.1/a\tDoor'), [{ name: 'Door' }]);
});

t.test('a table that is none is refused as a whole', async (t) => {
  for (const bad of ['', 'name\nDoor', 'name,main,colour\na,b,c', 'name,main\n"open,rtsp://x/']) {
    t.throws(() => readCameraCsv(bad), { code: 'cameras.bad-table' }, JSON.stringify(bad));
  }
  t.throws(() => readCameraCsv(`main\n${'rtsp://10.0.0.1/a\n'.repeat(300)}`), { code: 'cameras.bad-table' });
  t.throws(() => readCameraCsv(`main\n${'x'.repeat(2 ** 20)}`), { code: 'cameras.bad-table' });
});
