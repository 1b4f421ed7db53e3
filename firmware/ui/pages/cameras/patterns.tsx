import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Output } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { SelectField, TextField } from '../../parts/controls.tsx';
import { t } from '../../words/index.ts';

type Pattern = Output<'cameras.patterns'>[number];

/** An address after the usual way of a maker; user name and password never stand in it. */
function addressAfter({ port }: Pattern, host: string, path: string, channel: number): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `rtsp://${name}${port === 554 ? '' : `:${port}`}${path.replaceAll('{channel}', String(channel))}`;
}

/** Maker, address, number of the picture: what most makers' streams are called follows from these. */
export function MakerPatterns({ fill }: { fill: (urls: { url: string; subUrl: string }) => void }): JSX.Element {
  const { value: patterns = [] } = useAsked('cameras.patterns', {});
  const [maker, setMaker] = useState('');
  const [host, setHost] = useState('');
  const [channel, setChannel] = useState('1');
  const suggest = (next: { maker?: string; host?: string; channel?: string }): void => {
    const now = { maker, host, channel, ...next };
    setMaker(now.maker);
    setHost(now.host);
    setChannel(now.channel);
    const pattern = patterns.find((each) => each.maker === now.maker);
    if (!pattern || now.host.trim() === '') return;
    const of = (path: string): string => addressAfter(pattern, now.host.trim(), path, Number(now.channel) || 1);
    fill({ url: of(pattern.main), subUrl: pattern.sub === '' ? '' : of(pattern.sub) });
  };
  const chosen = patterns.find((each) => each.maker === maker);
  return (
    <>
      <SelectField
        label={t('hand.maker')}
        hint={t('hand.maker.hint')}
        value={maker}
        onValue={(to) => suggest({ maker: to })}
        options={[
          { value: '', label: t('hand.other') },
          ...patterns.map((each) => ({ value: each.maker, label: [each.maker, ...each.also].join(', ') })),
        ]}
      />
      {chosen && (
        <TextField
          label={t('hand.host')}
          hint={t('hand.host.hint')}
          value={host}
          onValue={(to) => suggest({ host: to })}
          autocomplete="off"
          code
        />
      )}
      {chosen?.main.includes('{channel}') === true && (
        <TextField
          label={t('hand.channel')}
          type="number"
          value={channel}
          onValue={(to) => suggest({ channel: to })}
          autocomplete="off"
        />
      )}
    </>
  );
}
