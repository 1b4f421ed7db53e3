import type { JSX } from 'preact';
import { may } from '../../box/session.ts';
import { parts } from '../../shell/route.ts';
import { AddCamera } from './add.tsx';
import { CameraList } from './list.tsx';

/** `/cameras`, `/cameras/add`, `/cameras/<id>`. */
export function Cameras(): JSX.Element {
  const [, id] = parts.value;
  if (id === 'add' && may('cameras')) return <AddCamera />;
  return <CameraList chosen={id} />;
}
