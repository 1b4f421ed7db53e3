import type { JSX } from 'preact';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { StreamAddresses } from '../../parts/rtsp-address.tsx';
import { Card } from '../../parts/show.tsx';
import { t, tOf } from '../../words/index.ts';

/** Where players and other recorders get this camera from the box. */
export function CameraRtsp({ id }: { id: string }): JSX.Element | null {
  const { value } = useAsked('rtsp.show', may('live') ? {} : undefined);
  const camera = value?.cameras.find((each) => each.camera === id);
  if (!value || !camera) return null;
  const on = value.port > 0 || value.securePort > 0;
  return (
    <Card title={t('rtsp.addresses')}>
      {on &&
        camera.streams.map(({ stream, path }) => (
          <div key={stream} class="stream-addresses">
            <h3>{tOf('stream', stream)}</h3>
            <StreamAddresses overview={value} path={path} />
          </div>
        ))}
      <p class="hint">
        {on ? t('rtsp.loginHint') : t('rtsp.off')} <a href="/system/rtsp">{t('rtsp.passwords')}</a>
      </p>
    </Card>
  );
}
