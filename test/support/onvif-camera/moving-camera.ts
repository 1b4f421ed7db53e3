/** A whole camera: ONVIF, and RTSP with a picture that shows where its head looks. */
import { CameraFarm } from '../camera/farm.ts';
import { OnvifCamera } from './onvif-camera.ts';
import { drawPanorama, PANORAMA } from './panorama.ts';
import { PcmVideo } from './pcm-video.ts';
import type { OnvifCameraOptions, SimulatedProfile } from './state.ts';

const FPS = 5;
const GOP = 10;
const PATH = 'dome';

export class MovingCamera {
  readonly onvif: OnvifCamera;
  readonly farm: CameraFarm;

  private constructor(onvif: OnvifCamera, farm: CameraFarm) {
    this.onvif = onvif;
    this.farm = farm;
  }

  /** Both doors have the same login. */
  static async start(options: OnvifCameraOptions & { rtspPort?: number } = {}): Promise<MovingCamera> {
    const profiles: SimulatedProfile[] = [];
    const onvif = await OnvifCamera.start({ ...options, profiles });
    const draw = () => drawPanorama(onvif.head.place);
    const live = new PcmVideo({ ...PANORAMA, fps: FPS, gop: GOP, draw });
    const { user, password } = options.login ?? {};
    const auth = user === undefined || password === undefined ? undefined : { user, password };
    const farm = await CameraFarm.start({
      host: onvif.host,
      ...(options.rtspPort !== undefined && { port: options.rtspPort }),
      cameras: [{ path: PATH, live, ...(auth && { auth }) }],
    });
    const streamUrl = farm.url(PATH);
    profiles.push({
      token: 'Profile_1',
      name: 'mainStream',
      codec: 'H264',
      ...PANORAMA,
      fps: FPS,
      bitrateKbps: 4000,
      movable: true,
      streamUrl,
    });
    return new MovingCamera(onvif, farm);
  }

  get streamUrl(): string {
    return this.farm.url(PATH);
  }

  async stop(): Promise<void> {
    await this.onvif.stop();
    await this.farm.stop();
  }
}
