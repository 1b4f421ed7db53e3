import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { may } from '../../box/session.ts';
import { listedThumbnail } from '../../media/thumbnails.ts';
import { Icon } from '../../parts/icon.tsx';

/** Into a recording, where its first picture may lie before what was asked for. */
const INTO_MS = 1000;

/**
 * What a recording shows near its beginning, for those who may play back: asked for when it comes to be seen. Only to look at, since
 * the line beside it says camera and time.
 */
export function SmallPicture(props: { camera: string; fromMs: number; toMs: number }): JSX.Element | null {
  const { camera, fromMs, toMs } = props;
  const atMs = fromMs + Math.min(INTO_MS, (toMs - fromMs) / 2);
  const place = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState(false);
  const mayLook = may('playback');
  useEffect(() => {
    if (!mayLook) return;
    let isSeen = false;
    const observer = new IntersectionObserver(([entry]) => {
      isSeen = entry?.isIntersecting === true;
      if (!isSeen) return;
      void listedThumbnail(camera, atMs, () => isSeen).then((found) => {
        const canvas = place.current?.querySelector('canvas');
        if (!found || !canvas || !isSeen) return;
        canvas.width = found.canvas.width;
        canvas.height = found.canvas.height;
        canvas.getContext('2d')!.drawImage(found.canvas, 0, 0);
        setShown(true);
        observer.disconnect();
      });
    });
    observer.observe(place.current!);
    return () => {
      isSeen = false;
      observer.disconnect();
    };
  }, [camera, atMs, mayLook]);
  if (!mayLook) return null;
  return (
    <span class={`small-picture${shown ? ' shown' : ''}`} ref={place} data-small={camera} aria-hidden="true">
      <canvas width={0} height={0} />
      {!shown && <Icon name="playback" size="s" />}
    </span>
  );
}
