import t from 'tap';
import { BoxError } from '../../firmware/base/index.ts';
import { readReply } from '../../firmware/onvif/soap/reply.ts';
import { attribute, textAt } from '../../firmware/onvif/xml/element.ts';
import { readXml } from '../../firmware/onvif/xml/read.ts';
import { booleanFrom, durationMsFrom, timeMsFrom } from '../../firmware/onvif/xml/values.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const envelope = (body: string): Buffer =>
  bytes(`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`);

function refusal(input: Buffer): unknown {
  try {
    readReply(input);
    return 'it was read';
  } catch (error) {
    return error instanceof BoxError ? [error.code, error.context.reason] : error;
  }
}

t.test('22. an external entity is refused and nothing is fetched', async (t) => {
  const xxe = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
  t.same(refusal(bytes(xxe)), ['onvif.hostile-xml', 'declaration']);
  const remote = '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>';
  t.same(refusal(bytes(remote)), ['onvif.hostile-xml', 'declaration']);
  t.same(refusal(Buffer.from(`\uFEFF${xxe}`, 'utf16le')), ['onvif.hostile-xml', 'declaration'], 'in UTF-16 too');
});

t.test('22. entities that multiply (billion laughs) are refused before any is expanded', async (t) => {
  const names = 'abcdefghij'.split('');
  const entities = names.map((name, index) => {
    const before = names[index - 1];
    return `<!ENTITY ${name} "${before === undefined ? 'lol' : `&${before};`.repeat(10)}">`;
  });
  const laughs = `<?xml version="1.0"?><!DOCTYPE z [${entities.join('')}]><z>&j;</z>`;
  t.same(refusal(bytes(laughs)), ['onvif.hostile-xml', 'declaration']);
  t.same(refusal(bytes('<a><!ENTITY b "c"></a>')), ['onvif.hostile-xml', 'declaration'], 'outside a DOCTYPE too');
});

t.test('22. depth, size and number of elements and attributes are bounded', async (t) => {
  t.same(refusal(bytes('<a>'.repeat(10_000))), ['onvif.hostile-xml', 'depth']);
  t.same(refusal(bytes(`<a>${'<b/>'.repeat(100_000)}</a>`)), ['onvif.hostile-xml', 'elements']);
  t.same(refusal(bytes(`<a ${Array.from({ length: 2000 }, (_, i) => `x${i}="1"`).join(' ')}/>`)), [
    'onvif.hostile-xml',
    'attributes',
  ]);
  t.same(refusal(Buffer.alloc(3 * 1024 * 1024, 0x3c)), ['onvif.hostile-xml', 'size']);
  t.ok(readXml(bytes(`<a>${'&b '.repeat(100)}</a>`)), 'what is merely wrong is read over');
  t.same(refusal(bytes(`<a>${'&b '.repeat(1000)}</a>`)), ['onvif.hostile-xml', 'faults']);
});

t.test('B10: XML that is not quite XML is read', async (t) => {
  const undeclared = readReply(envelope('<tad:GetThingResponse><x:Y a:token="1"> v\r\n </x:Y></tad:GetThingResponse>'));
  t.match(undeclared, { kind: 'answer', operation: 'GetThingResponse' });
  const body = undeclared.kind === 'answer' ? undeclared.body : undefined;
  t.equal(textAt(body, 'Y'), 'v');
  t.equal(attribute(body?.children[0], 'token'), '1');
  const wide = '<?xml version="1.0" encoding="utf-16"?><a>caf\u00E9</a>';
  t.equal(readXml(bytes(wide))?.text, 'caf\u00E9', '"utf-16" said over UTF-8');
  t.equal(readXml(Buffer.from(wide, 'utf16le'))?.text, 'caf\u00E9', 'and over UTF-16');
  const chinese = Buffer.concat([
    bytes('<?xml version="1.0" encoding="gb2312"?><a>'),
    Buffer.from([0xb4, 0xf3, 0xc3, 0xc5]),
    bytes('</a>'),
  ]);
  t.equal(readXml(chinese)?.text, '\u5927\u95E8');
  t.equal(readXml(bytes('junk\n<?xml version="1.0"?><a>b &unknown; &amp; c</a> behind'))?.text, 'b &unknown; & c');
  t.equal(readXml(bytes('<a><b>cut off')), undefined, 'half a document is none');
  t.equal(readXml(bytes('<a><![CDATA[<x>&]]></a>'))?.text, '<x>&');
});

t.test('B12: faults of SOAP 1.2 and 1.1 give their codes', async (t) => {
  const fault = readReply(
    envelope(
      '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text/></s:Reason></s:Fault>',
    ),
  );
  t.match(fault, { kind: 'fault', codes: ['s:Sender', 'ter:NotAuthorized'], reason: '' });
  const old = bytes(
    '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><E:Fault><faultcode>E:Client</faultcode><faultstring>no</faultstring></E:Fault></E:Body></E:Envelope>',
  );
  t.match(readReply(old), { kind: 'fault', codes: ['E:Client'], reason: 'no' });
});

t.test('B9: the page of a web server is no answer, and no error of reading either', async (t) => {
  t.same(readReply(bytes('<!DOCTYPE html><html><body>404</body></html>')), { kind: 'not-soap', content: 'html' });
  t.same(readReply(bytes('\r\n<HTML>404')), { kind: 'not-soap', content: 'html' });
  t.same(readReply(bytes('  ')), { kind: 'not-soap', content: 'empty' });
  t.same(readReply(bytes('{"error":404}')), { kind: 'not-soap', content: 'other' });
});

t.test('B2: every form of a duration and of a time is understood', async (t) => {
  t.equal(durationMsFrom('PT10M'), 600_000);
  t.equal(durationMsFrom('PT600S'), 600_000);
  t.equal(durationMsFrom('P1DT1H0.5S'), 90_000_500);
  t.equal(durationMsFrom('60'), 60_000);
  t.equal(durationMsFrom('-PT5S'), -5000);
  t.equal(durationMsFrom('soon'), undefined);
  t.equal(timeMsFrom('2026-02-19T08:59:52Z'), Date.UTC(2026, 1, 19, 8, 59, 52));
  t.equal(timeMsFrom('2026-02-19T08:59:52.250+01:00'), Date.UTC(2026, 1, 19, 7, 59, 52, 250));
  t.equal(timeMsFrom('2026-02-19T08:59:52'), Date.UTC(2026, 1, 19, 8, 59, 52));
  t.equal(timeMsFrom('10-05-2025'), undefined);
});

t.test('B4: yes and no in the words of cameras', async (t) => {
  t.same(['1', 'true', 'True', 'active'].map(booleanFrom), [true, true, true, true]);
  t.same(['0', 'false', 'INACTIVE', ' off '].map(booleanFrom), [false, false, false, false]);
  t.equal(booleanFrom('0.5'), undefined);
});
