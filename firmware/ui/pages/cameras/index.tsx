import type { JSX } from 'preact';
import { may } from '../../box/session.ts';
import { parts } from '../../shell/route.ts';
import { AddCamera } from './add.tsx';
import { CameraPlan } from './plan.tsx';
import { CameraList } from './list.tsx';

/** `/cameras`, `/cameras/add`, `/cameras/<id>`, `/cameras/<id>/plan`. */
export function Cameras(): JSX.Element {
  const [, id, tab] = parts.value;
  if (id === 'add' && may('cameras')) return <AddCamera />;
  if (id !== undefined && tab === 'plan' && may('settings')) return <CameraPlan key={id} id={id} />;
  return <CameraList chosen={id} />;
}
