import type { JSX } from 'preact';
import { may } from '../../box/session.ts';
import { parts } from '../../shell/route.ts';
import { AddCamera } from './add.tsx';
import { FindCameras } from './find.tsx';
import { CameraPlan } from './plan.tsx';
import { CameraList } from './list.tsx';
import { CameraTable } from './table.tsx';

/** `/cameras`, `/cameras/add`, `/cameras/add/address`, `/cameras/add/table`, `/cameras/<id>`, `/cameras/<id>/plan`. */
export function Cameras(): JSX.Element {
  const [, id, tab] = parts.value;
  if (id !== undefined && id !== 'add' && tab === 'plan' && may('settings')) return <CameraPlan key={id} id={id} />;
  if (id !== 'add' || !may('cameras')) return <CameraList chosen={id} />;
  if (tab === 'address') return <AddCamera />;
  if (tab === 'table') return <CameraTable />;
  return <FindCameras />;
}
