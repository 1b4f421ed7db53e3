import t from 'tap';

import { baseUrl, controlUrl, parseCameraUrl } from '../../firmware/rtsp/url.ts';

t.test('URLs of cameras are taken apart', (t) => {
  t.same(parseCameraUrl(' rtsp://cam.local/live?x=1&y=a/b '), {
    secure: false,
    tunnelled: false,
    host: 'cam.local',
    port: 554,
    requestUrl: 'rtsp://cam.local/live?x=1&y=a/b',
  });
  const cases: [string, string, number, string, string, string][] = [
    ['rtsp://u:p@h:8554/a', 'h', 8554, 'rtsp://h:8554/a', 'u', 'p'],
    ['rtsps://u:p%40%2F%3A@h/a@b', 'h', 322, 'rtsps://h/a@b', 'u', 'p@/:'],
    ['rtsp://u:p@ss@h/a', 'h', 554, 'rtsp://h/a', 'u', 'p@ss'],
    ['rtsp://u:p#%s:x@h', 'h', 554, 'rtsp://h', 'u', 'p#%s:x'],
    ['rtsp://u:pa/ss@h:99/a', 'h', 99, 'rtsp://h:99/a', 'u', 'pa/ss'],
    ['RTSP://u:%C3%A4%ff@[fe80::1]:554/a b', 'fe80::1', 554, 'rtsp://[fe80::1]:554/a%20b', 'u', '%C3%A4%ff'],
  ];
  for (const [url, host, port, requestUrl, user, password] of cases) {
    t.match(parseCameraUrl(url), { host, port, requestUrl, credentials: { user, password } }, url);
  }
  const web = { tunnelled: true, host: 'h' };
  t.match(parseCameraUrl('rtsph://h/a?b'), { ...web, secure: false, port: 80, requestUrl: 'rtsp://h/a?b' });
  t.match(parseCameraUrl('rtspsh://u:p@h/a'), { ...web, secure: true, port: 443, requestUrl: 'rtsps://h/a' });
  t.match(parseCameraUrl('RTSPH://h:8000/a'), { ...web, port: 8000 });
  for (const url of ['', 'http://h/', 'rtsp://', 'rtsp://:554/', 'rtsp://h:0/', 'rtsp://h:99999/', 'rtsp://u:p@/x']) {
    t.throws(() => parseCameraUrl(url), { code: 'rtsp.bad-url' }, url);
  }
  t.end();
});

t.test('control URLs are put together, not resolved', (t) => {
  const cases: [string, string | undefined, string][] = [
    ['rtsp://h/a/', 'trackID=1', 'rtsp://h/a/trackID=1'],
    ['rtsp://h/a', 'trackID=1', 'rtsp://h/a/trackID=1'],
    ['rtsp://h/a/', '/trackID=1', 'rtsp://h/a/trackID=1'],
    ['rtsp://h/a?b=c', 'trackID=1', 'rtsp://h/a?b=c/trackID=1'],
    ['rtsp://h/a?b=c/', 'trackID=1', 'rtsp://h/a?b=c/trackID=1'],
    ['rtsp://h/a', '?ctype=video', 'rtsp://h/a?ctype=video'],
    ['rtsp://h/a', '*', 'rtsp://h/a'],
    ['rtsp://h/a', undefined, 'rtsp://h/a'],
    ['rtsp://h/a', 'rtsp://other:99/x?y', 'rtsp://other:99/x?y'],
    ['rtsp://h/a', 'rtsp://u:secret@other/x', 'rtsp://other/x'],
  ];
  for (const [base, control, wanted] of cases) t.equal(controlUrl(base, control), wanted, `${base} + ${control}`);
  t.end();
});

t.test('base URLs are repaired or left aside', (t) => {
  const requestUrl = 'rtsp://h:8554/live';
  const cases: [string | undefined, string][] = [
    [undefined, requestUrl],
    ['', requestUrl],
    ['rtsp://10.0.0.1/live/', 'rtsp://10.0.0.1/live/'],
    ['10.0.0.1:554/live/', 'rtsp://10.0.0.1:554/live/'],
    ['//10.0.0.1/live/', 'rtsp://10.0.0.1/live/'],
    ['/live/', 'rtsp://h:8554/live/'],
    ['rtsp://rtsp://10.0.0.1/live/', 'rtsp://10.0.0.1/live/'],
    ['rtsp://::ffff:10.0.0.1:554/live/', 'rtsp://[::ffff:10.0.0.1]:554/live/'],
    ['rtsp://admin:secret@10.0.0.1/live/', 'rtsp://10.0.0.1/live/'],
    ['rtsp:// /x', requestUrl],
    ['rtsp://', requestUrl],
    ['http://10.0.0.1/live', requestUrl],
  ];
  for (const [contentBase, wanted] of cases) t.equal(baseUrl({ requestUrl, contentBase }), wanted, String(contentBase));
  t.equal(baseUrl({ requestUrl, contentLocation: 'rtsp://h/loc/' }), 'rtsp://h/loc/');
  t.equal(baseUrl({ requestUrl, contentBase: 'rtsp://h/base/', contentLocation: 'rtsp://h/loc/' }), 'rtsp://h/base/');
  t.end();
});
