import type { ErrorInfo } from './error-info.ts';

/** Recording, and what is made of recordings. */
export const RECORDING_ERRORS = {
  // Recorded files.
  'mp4.not-ours': {
    kind: 'caller',
    what: 'The file is not a recording of this firmware.',
    advice: 'Move files that do not belong to the box out of the folder of its recordings.',
  },
  'mp4.damaged': {
    kind: 'lost',
    what: 'A recorded file holds bytes that cannot be right.',
    advice: 'Run the check of the volume; look at the health of the disk if it happens again.',
  },
  'mp4.nothing-there': {
    kind: 'missing',
    what: 'There is nothing recorded in the range of time that was asked for.',
    advice: 'Choose a range that the timeline shows as recorded.',
  },
  'mp4.no-room': {
    kind: 'bug',
    what: 'The number of a copy does not fit into the place that the file has for it.',
    advice: 'The file stays where it is. Export it if the disk is failing.',
  },
  // Recording.
  'recording.restarting': {
    kind: 'later',
    what: 'The recording part of the box is being started again.',
    advice: 'Ask again in a few seconds; look at the log for the reason.',
  },
  'recording.timeout': {
    kind: 'later',
    what: 'The recording part of the box did not answer in time.',
    advice: 'Ask again in a few seconds; look at the load of the box if it stays.',
  },
  'recording.out-of-group': {
    kind: 'later',
    what: 'No disk of the group that this camera is bound to takes recordings; others have taken over.',
    advice: 'Look at the disks of the group, or bind the camera to another group.',
  },
  'recording.missing': {
    kind: 'lost',
    what: 'The camera should be recorded now and is not.',
    advice: 'The reason stands beside it; check the power and the network of the camera, and the disks of the box.',
  },
  'planning.wish-at-risk': {
    kind: 'later',
    what: 'Footage of this camera will be deleted before the days that are wished for it are over.',
    advice: 'See what would help: ipvs disks plan.',
  },
  'planning.not-made': {
    kind: 'later',
    what: 'The forecast of the disks could not be made.',
    advice: 'Ask again; recording does not depend on it.',
  },
  'planning.no-such-proposal': {
    kind: 'missing',
    what: 'The plan has no such proposal now.',
    advice: 'Ask for the plan again; cameras, disks or settings have changed since.',
  },
  'planning.by-hand': {
    kind: 'caller',
    what: 'This proposal is not a setting of the box.',
    advice: 'Change the camera or the disk itself; the plan says how far.',
  },
  'recording.fewer-copies': {
    kind: 'later',
    what: 'This camera is to be written to two disks, and there is only one that takes recordings.',
    advice: 'Look at the disks, or add one.',
  },
  // Watching.
  'live.no-such-stream': {
    kind: 'missing',
    what: 'The camera has no stream of this name, or is switched off.',
    advice: 'Choose another stream of the camera, or switch the camera on in the settings.',
  },
  'live.too-many': {
    kind: 'later',
    what: 'As many pictures are being watched as one connection may have.',
    advice: 'Close some pictures first.',
  },
  'live.user-full': {
    kind: 'later',
    what: 'As many pictures are being watched as one user may have on all screens together.',
    advice: 'Close some pictures on another screen, or sign in there as another user.',
  },
  'live.no-ffmpeg': {
    kind: 'missing',
    what: 'The box cannot convert pictures: the program ffmpeg is not installed on it.',
    advice:
      'Install ffmpeg on the box, use a browser that plays the codec of the camera, or let the camera send H.264.',
  },
  'live.mpeg1-full': {
    kind: 'later',
    what: 'As many pictures are being converted for browsers that cannot play them as the box may convert at a time.',
    advice:
      'Wait until another one is closed, use a browser that plays the codec of the camera, or raise live.mpeg1Places in the settings.',
  },
  'live.mpeg1-failed': {
    kind: 'later',
    what: 'The picture could not be converted for this browser. Recording is not affected.',
    advice:
      'Try again; if it stays so, use a browser that plays the codec of the camera, or let the camera send H.264.',
  },
  'exports.no-such-export': {
    kind: 'missing',
    what: 'There is no export of this name; exports can be downloaded for a day, and not after a restart of the box.',
    advice: 'Prepare the export again.',
  },
  'views.no-such-view': {
    kind: 'missing',
    what: 'There is no view of the live wall with this id.',
    advice: 'List the views again; it may have been removed.',
  },
  'views.too-many': {
    kind: 'caller',
    what: 'So many views of the live wall are not kept.',
    advice: 'Remove one that nobody uses any more.',
  },
  'views.unreadable': {
    kind: 'lost',
    what: 'The file with the views of the live wall cannot be read.',
    advice: 'Move views.json out of the data folder and restart the box; views begin anew. Recording is not affected.',
  },
  'views.not-written': {
    kind: 'later',
    what: 'The views of the live wall could not be written to disk.',
    advice: 'Look at the disk of the data folder; the view is as it was before.',
  },
  'exports.too-long': {
    kind: 'caller',
    what: 'So many cameras and hours do not go into one export.',
    advice: 'Choose a shorter range, or export fewer cameras at a time.',
  },
  'exports.no-key': {
    kind: 'later',
    what: 'The key with which the box signs archives cannot be used.',
    advice:
      'See that the data folder can be written. If evidence.pem there is damaged, remove it: the box makes a new key.',
  },
  'exports.too-many': {
    kind: 'later',
    what: 'As many downloads are under way as the box gives at a time.',
    advice: 'Wait until another download is done, or stop one.',
  },
  'exports.quota': {
    kind: 'later',
    what: 'This is more than you may still download: each user has an amount of bytes for 24 hours.',
    advice:
      'Choose a shorter range, or wait until more is left. Whoever looks after the box can raise exports.userDailyBytes in the settings.',
  },
  'playback.nothing-there': {
    kind: 'missing',
    what: 'Nothing of this stream is recorded from this time on.',
    advice: 'Choose an earlier time, or another stream or camera.',
  },
  'playback.unreadable': {
    kind: 'lost',
    what: 'The recording could not be read from its disk.',
    advice: 'Check whether the disk is connected and healthy; other times and disks can still be played.',
  },
} as const satisfies Record<string, ErrorInfo>;
