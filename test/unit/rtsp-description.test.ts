import t from 'tap';

import { chooseTracks, describeSession, type MediaDescription } from '../../firmware/rtsp/description.ts';

const REQUEST = { requestUrl: 'rtsp://cam/live' };

function media(...lines: string[]): readonly MediaDescription[] {
  return describeSession(lines.join('\n'), REQUEST).media;
}

t.test('only m= and a= lines count, whatever stands around them', (t) => {
  const [video, audio] = media(
    '\uFEFFv=broken',
    'a=control:*',
    'nonsense',
    '',
    'm=video 0 RTP/AVP 96 ',
    'c=IN c=IN IP4',
    'a=rtpmap:96 H264/90000 \t',
    'a=fmtp:96 packetization-mode=1; Sprop-Parameter-Sets="Zw==,aA=="; x',
    'a=control: track1',
    'm=audio 0 RTP/AVP 8\t ',
    'a=rtpmap:8 pcmu/8000/1\0',
  );
  t.match(video, {
    codec: 'h264',
    clockRate: 90000,
    controlUrl: 'rtsp://cam/live/track1',
    recordable: true,
    channels: 0,
  });
  t.same(
    [...video!.fmtp],
    [
      ['packetization-mode', '1'],
      ['sprop-parameter-sets', 'Zw==,aA=='],
      ['x', ''],
    ],
  );
  t.match(audio, { payloadType: 8, codec: 'g711u', encoding: 'pcmu', channels: 1, controlUrl: 'rtsp://cam/live' });
  t.same(describeSession('', REQUEST).media, []);
  t.end();
});

t.test('an fmtp behind the wrong m= line is found, but never one that belongs to another media', (t) => {
  const misplaced = media(
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H265/90000',
    'm=audio 0 RTP/AVP 97',
    'a=rtpmap:97 MPEG4-GENERIC/16000',
    'a=fmtp:96 sprop-vps=QA==',
    'a=fmtp:97 config=1408',
  );
  t.equal(misplaced[0]!.fmtp.get('sprop-vps'), 'QA==');
  const shared = media(
    'm=audio 0 RTP/AVP 96',
    'a=rtpmap:96 MPEG4-GENERIC/48000',
    'a=fmtp:96 config=1188',
    'm=audio 0 RTP/AVP 96',
    'a=rtpmap:96 opus/48000/2',
    'a=fmtp:96',
  );
  t.equal(shared[1]!.fmtp.size, 0);
  t.end();
});

t.test('what is chosen, and why the rest is not', (t) => {
  const all = media(
    'm=application/TP-LINK 0 RTP/AVP smart/1/90000',
    'a=rtpmap:95 TP-LINK/90000',
    'm=audio 0 RTP/AVP 0',
    'a=sendonly',
    'm=audio 0 RTP/AVP 98',
    'a=rtpmap:98 G722/8000',
    'm=audio 0 RTP/AVP 97',
    'a=rtpmap:97 MPEG4-GENERIC/16000',
    'm=video 0 RTP/AVP 26',
    'm=video 0 RTP/AVP 96 111',
    'a=sendonly',
    'a=rtpmap:96 MP4V-ES/90000',
    'a=rtpmap:111 H264/90000',
  );
  t.same(
    all.map(({ why }) => why),
    [
      'application/TP-LINK is not recorded',
      'it is the way to the loudspeaker of the camera',
      'G.722 is not supported',
      'AAC without its configuration',
      'Motion JPEG is not supported',
      'MPEG-4 Part 2 is not supported',
    ],
  );
  const { tracks, skipped } = chooseTracks(all);
  t.match(tracks, [
    { index: 5, payloadType: 111, codec: 'h264' },
    { index: 3, codec: 'aac' },
  ]);
  t.equal(skipped.length, 4);
  t.same(chooseTracks(media('m=video 0 RTP/AVP 26')).tracks, []);
  t.end();
});

t.test('what an rtpmap says wins over the number', (t) => {
  const [aac, ulaw, video, wide] = media(
    'm=audio 0 RTP/AVP 0',
    'a=rtpmap:0 mpeg4-generic/16000/2',
    'a=fmtp:0 mode=AAC_hbr; SizeLength=13; config=1408',
    'm=audio 0 RTP/AVP 8',
    'a=rtpmap:8 PCMU/8000',
    'm=video 0 RTP/AVP 35',
    'a=rtpmap:35 H264/90000',
    'a=framesize:35 1-1',
    'm=audio 0 RTP/AVP 8',
    'a=rtpmap:8 PCMA/16000',
  );
  t.match(aac, { codec: 'aac', clockRate: 16000, recordable: true });
  t.equal(aac!.fmtp.get('sizelength'), '13');
  t.match(ulaw, { codec: 'g711u', clockRate: 8000 });
  t.match(video, { codec: 'h264', payloadType: 35 });
  t.match(wide, { codec: 'g711a', clockRate: 16000 });
  t.end();
});

t.test('sound that cannot be stored is left out by name, and never costs the video', (t) => {
  for (const rtpmap of [
    'G726-32/8000',
    'AAL2-G726-32/8000',
    'G722/8000',
    'L16/48000/6',
    'L16/96000',
    'PCMU/8000/4',
    'PCM/48000',
    '??',
  ]) {
    const all = media(
      'm=audio 0 RTP/AVP 97',
      `a=rtpmap:97 ${rtpmap}`,
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H265/90000',
    );
    t.match(all[0]!.why, /is not supported$/, rtpmap);
    t.same(
      chooseTracks(all).tracks.map(({ kind }) => kind),
      ['video'],
    );
  }
  t.end();
});

t.test('sound that is stored', (t) => {
  for (const [rtpmap, codec, fmtp = ''] of [
    ['MP4A-LATM/90000', 'aac-latm'],
    ['mp4a-latm/16000/1', 'aac-latm', 'cpresent=0;config=400028103fc0'],
    ['opus/48000/2', 'opus'],
    ['L16/44100/2', 'l16'],
    ['L16/8000', 'l16'],
    ['PCMU/8000/2', 'g711u'],
    ['pcma/16000/1', 'g711a'],
  ] as const) {
    const [sound] = media('m=audio 0 RTP/AVP 97', `a=rtpmap:97 ${rtpmap}`, `a=fmtp:97 ${fmtp}`);
    t.match(sound, { codec, recordable: true }, rtpmap);
  }
  t.match(media('m=audio 0 RTP/AVP 10')[0], { codec: 'l16', clockRate: 44100, channels: 2, recordable: true });
  const [silent] = media('m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/16000', 'a=fmtp:97 cpresent=0');
  t.match(silent, { recordable: false, why: 'AAC without its configuration' });
  t.end();
});

t.test('one number in two media, several numbers in one', (t) => {
  const all = media(
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    'a=fmtp:96 sprop-parameter-sets=Zw==,aA==',
    'm=audio 0 RTP/AVP 96 97',
    'a=rtpmap:96 G726-32/8000',
    'a=rtpmap:97 PCMA/8000',
  );
  const { tracks } = chooseTracks(all);
  t.match(tracks, [
    { index: 0, codec: 'h264' },
    { index: 1, payloadType: 97, codec: 'g711a' },
  ]);
  t.end();
});

t.test('a number that no payload type can have is none', (t) => {
  const [one] = media('m=video ', 'a=rtpmap:900 H264/90000');
  t.match(one, { payloadTypes: [], payloadType: -1 });
  t.end();
});
