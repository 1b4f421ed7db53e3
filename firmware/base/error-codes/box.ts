import type { ErrorInfo } from './error-info.ts';

/** The box itself: settings, doors, people, notices. */
export const BOX_ERRORS = {
  // Settings.
  'config.invalid': {
    kind: 'caller',
    what: 'A setting has a value that is not allowed.',
    advice: 'Correct the setting that is named; docs/settings.md lists what is allowed.',
  },
  'config.unknown-key': {
    kind: 'caller',
    what: 'The settings contain a name that the box does not know.',
    advice: 'Correct the spelling of the name, or remove it.',
  },
  'config.unreadable': {
    kind: 'lost',
    what: 'The settings could not be read.',
    advice: 'Check the settings file; the last good one stands beside it, named settings.json.last-good.',
  },
  'config.not-written': {
    kind: 'later',
    what: 'The settings could not be written; the old ones stay in force.',
    advice: 'Check the space on the disk with the data folder, and that the folder can be written.',
  },
  'config.not-opened': {
    kind: 'caller',
    what: 'The exported settings cannot be opened.',
    advice: 'Check the passphrase, and that the file is whole and of this firmware or an older one.',
  },
  // Operations asked of the box.
  'control.unknown-operation': {
    kind: 'missing',
    what: 'The box knows no operation of this name.',
    advice: 'Ask the box for the list of its operations.',
  },
  'control.bad-input': {
    kind: 'caller',
    what: 'The input of the operation is not valid.',
    advice: 'Correct the input that is named.',
  },
  'control.already-running': {
    kind: 'caller',
    what: 'Another box process already works with this data folder.',
    advice: 'Use the running one, or stop it first.',
  },
  'control.not-running': {
    kind: 'later',
    what: 'No box process is running for this data folder.',
    advice: 'Start the box, or check that the data folder is the right one.',
  },
  'control.no-data-folder': {
    kind: 'missing',
    what: 'The data folder does not exist.',
    advice: 'Name the right folder with --data; ipvs run, or adding the first camera, makes a new one.',
  },
  'control.box-runs': {
    kind: 'caller',
    what: 'This can only be done while the box is stopped.',
    advice: 'Stop the box, do it, and start the box again.',
  },
  'control.not-confirmed': {
    kind: 'caller',
    what: 'What cannot be undone has to be confirmed with the name of the box.',
    advice: 'Give the name of the box as the window and ipvs config show it.',
  },
  'control.no-such-camera': {
    kind: 'missing',
    what: 'There is no camera with this id.',
    advice: 'List the cameras to see their ids.',
  },
  'control.camera-exists': {
    kind: 'caller',
    what: 'There is already a camera with this id.',
    advice: 'Choose another id, or change the camera that is there.',
  },
  'control.not-signed-in': {
    kind: 'caller',
    what: 'This can only be asked by somebody who has signed in.',
    advice: 'Sign in. If you were signed in, the session has ended: sign in again.',
  },
  'control.forbidden': {
    kind: 'caller',
    what: 'You are not allowed to do this.',
    advice: 'Ask an administrator of the box for the right that is named.',
  },
  'control.no-such-job': {
    kind: 'missing',
    what: 'There is no job with this id.',
    advice: 'List the jobs; those that ended long ago, or before the last start, are forgotten.',
  },
  'control.job-goes-on': {
    kind: 'caller',
    what: 'The job cannot be stopped.',
    advice: 'Wait for its end, or look whether it is over already.',
  },
  'control.too-many-jobs': {
    kind: 'later',
    what: 'Too many jobs run already.',
    advice: 'Wait until some of them are over.',
  },
  'http.no-such-screen': {
    kind: 'caller',
    what: 'The token of this screen is unknown, has ended or was revoked.',
    advice: 'Make a new link for the screen in the window of the box, under access tokens.',
  },
  'http.not-for-screens': {
    kind: 'caller',
    what: 'A token that may do more than look on does not go into the browser of a screen.',
    advice: 'Make a token for a wall screen, which may watch live and nothing else.',
  },
  // Doors.
  'http.not-loopback': {
    kind: 'caller',
    what: 'Without TLS the box answers on this machine only.',
    advice: 'Set http.host to 127.0.0.1; others reach the box through HTTPS.',
  },
  'http.port-in-use': {
    kind: 'caller',
    what: 'Another program uses the port of the web interface.',
    advice: 'Choose another port with --port, or the settings http.port and https.port.',
  },
  'http.certificate-unusable': {
    kind: 'lost',
    what: 'The certificate of the box or its key cannot be read.',
    advice: 'Remove tls.pem from the data folder and start again; the box then makes a new one.',
  },
  'http.certificate-refused': {
    kind: 'caller',
    what: 'The certificate cannot be used.',
    advice: 'Give a certificate in PEM that is in force, with its key.',
  },
  'http.unclaimed': {
    kind: 'caller',
    what: 'The box has not been set up yet.',
    advice: 'Set it up first, with the claim code that it shows at its start.',
  },
  'http.foreign-origin': {
    kind: 'caller',
    what: 'The request came from the page of another site, or without the token of the session.',
    advice: 'Use the pages of the box itself; a program signs in with an API token.',
  },
  'http.foreign-host': {
    kind: 'caller',
    what: 'The box is not reached under this name here.',
    advice: 'Use the address of the box, or localhost on the box itself.',
  },
  'http.no-such-path': {
    kind: 'missing',
    what: 'There is nothing at this address.',
    advice: 'Check the address; /api/openapi.json lists what there is.',
  },
  'http.no-window': {
    kind: 'missing',
    what: 'The window of the box has not been built here.',
    advice:
      'Run node scripts/run.js ui in the folder of the firmware, and start the box again. The API works without it.',
  },
  'http.wrong-method': {
    kind: 'caller',
    what: 'This cannot be done in this way at this address.',
    advice: 'Use one of the methods that are named.',
  },
  'http.too-large': {
    kind: 'caller',
    what: 'The request is larger than the box takes.',
    advice: 'Send less at once.',
  },
  'http.not-json': {
    kind: 'caller',
    what: 'The box takes only JSON here.',
    advice: 'Send the input as JSON, with the content type application/json.',
  },
  'http.bad-json': {
    kind: 'caller',
    what: 'The body of the request is not JSON that the box takes.',
    advice: 'Correct the JSON; names such as __proto__ are refused.',
  },
  'http.too-many-requests': {
    kind: 'later',
    what: 'This client has asked too much in a short time.',
    advice: 'Wait as long as Retry-After says.',
  },
  // RTSP for players and other recorders.
  'rtsp-server.port-in-use': {
    kind: 'caller',
    what: 'Another program uses a port of the RTSP server; players cannot reach the box there. Recording goes on.',
    advice: 'Choose other ports in the settings rtspServer.port, rtspServer.securePort and rtspServer.udpPort.',
  },
  'rtsp-server.too-many': {
    kind: 'later',
    what: 'As many players and recorders take streams from the box as it serves at a time.',
    advice: 'Stop some of them, or raise rtspServer.maxReaders in the settings.',
  },
  'rtsp-server.no-picture': {
    kind: 'later',
    what: 'The camera sends no picture at this moment.',
    advice: 'Look whether the camera is connected; the player may try again in some seconds.',
  },
  // Notices to people.
  'notices.undelivered': {
    kind: 'later',
    what: 'Notices of the box do not reach their receiver.',
    advice: 'Test the channel that is named; its last error says what to mend. Notices wait and are sent later.',
  },
  'notices.not-kept': {
    kind: 'later',
    what: 'Notices that wait could not be written down; a power cut now would lose them.',
    advice: 'Check the space and the health of the disk with the data folder.',
  },
  'notices.no-such-channel': {
    kind: 'missing',
    what: 'There is no channel of this name.',
    advice: 'List the notices to see the channels: email, or webhook/ and the id of a webhook.',
  },
  'notices.channel-exists': {
    kind: 'caller',
    what: 'There is already a webhook with this id.',
    advice: 'Choose another id, or remove the webhook that is there first.',
  },
  'notices.target-refused': {
    kind: 'caller',
    what: 'The box does not send notices to this address.',
    advice:
      'Use a public address, or add the network of the server to notices.allowNetworks; addresses of the box itself and of its link are never used.',
  },
  'notices.unreachable': {
    kind: 'later',
    what: 'The server for notices could not be reached.',
    advice: 'Check its name and port, and the way of the box to it: address, gateway and name server.',
  },
  'notices.timeout': {
    kind: 'later',
    what: 'The server for notices did not answer in time.',
    advice: 'Check the port and the security setting (starttls or tls), and the load of the server.',
  },
  'notices.tls': {
    kind: 'caller',
    what: 'The encrypted connection to the server for notices could not be trusted or set up.',
    advice: 'Check the name, the certificate and the port; for a private authority give the box its certificate.',
  },
  'notices.login-refused': {
    kind: 'caller',
    what: 'The mail server refused the user name or password.',
    advice: 'Check both; many mail services want a password made for this purpose instead of the usual one.',
  },
  'notices.refused': {
    kind: 'caller',
    what: 'The server refused the notice.',
    advice:
      'Check sender and recipients, or the address and the secret of the webhook; the answer of the server is named.',
  },
  'notices.server-busy': {
    kind: 'later',
    what: 'The server cannot take notices now.',
    advice: 'The box tries again by itself; look at the server if it stays.',
  },
  'notices.redirected': {
    kind: 'caller',
    what: 'The webhook sends the box to another address, and the box does not follow it.',
    advice: 'Enter the new address as the URL of the webhook, if you trust it.',
  },
  'notices.protocol': {
    kind: 'later',
    what: 'The server answered something that is not valid mail or web traffic.',
    advice: 'Check the port and the security setting (starttls or tls).',
  },
  // The log of what is asked of the box and happens to it.
  'audit.not-written': {
    kind: 'lost',
    what: 'The log of operations and events cannot be written.',
    advice:
      'Check that the disk of the data folder is there and has room. The box keeps the newest lines in memory and tries again.',
  },
  'audit.damaged': {
    kind: 'lost',
    what: 'The log of operations and events is not what the box wrote.',
    advice:
      'Somebody or a failing disk has changed it. Run "ipvs log verify": it names the place. New lines go into another file.',
  },
  'audit.not-read': {
    kind: 'later',
    what: 'The log of operations and events could not be read.',
    advice: 'Try again; if it stays, check the disk of the data folder.',
  },
  'audit.busy': {
    kind: 'later',
    what: 'Too many look through the log at the moment.',
    advice: 'Try again in a moment.',
  },
  'audit.bad-cursor': {
    kind: 'caller',
    what: 'This is no place in the log.',
    advice: 'Begin again without a cursor.',
  },
  // Users, sessions, tokens, the first run.
  'accounts.refused': {
    kind: 'caller',
    what: 'The name, the password or the code is not right.',
    advice: 'Type them again. Somebody who stands at the box can set a new password: ipvs users reset-password NAME.',
  },
  'accounts.code-needed': {
    kind: 'caller',
    what: 'This account also wants the code of an authenticator app.',
    advice: 'Send the present code of the app, or one of the recovery codes.',
  },
  'accounts.too-many-tries': {
    kind: 'later',
    what: 'There were too many wrong tries.',
    advice: 'Wait as long as is said, then try again.',
  },
  'accounts.busy': {
    kind: 'later',
    what: 'Too many people are signing in at this moment.',
    advice: 'Try again in a few seconds.',
  },
  'accounts.weak-password': {
    kind: 'caller',
    what: 'The password is too easy to guess.',
    advice: 'Choose another one: at least 12 characters that are no common password and hold no name.',
  },
  'accounts.no-such-user': {
    kind: 'missing',
    what: 'There is no user of this name.',
    advice: 'List the users to see their names.',
  },
  'accounts.user-exists': {
    kind: 'caller',
    what: 'There is already a user of this name.',
    advice: 'Choose another name, or change the user who is there.',
  },
  'accounts.last-administrator': {
    kind: 'caller',
    what: 'This is the only administrator; without one nobody could manage the box.',
    advice: 'Make another administrator first.',
  },
  'accounts.administrator-first': {
    kind: 'caller',
    what: 'The box has no administrator yet.',
    advice: 'Set the box up with its claim code, or add an administrator first.',
  },
  'accounts.already-claimed': {
    kind: 'caller',
    what: 'The box has been set up already.',
    advice: 'Sign in. Somebody who stands at the box can set a new password: ipvs users reset-password NAME.',
  },
  'accounts.bad-claim-code': {
    kind: 'caller',
    what: 'The claim code is not that of this box.',
    advice: 'Read it again: the box prints it when it starts, and ipvs status shows it.',
  },
  'accounts.no-such-session': {
    kind: 'missing',
    what: 'There is no session with this id.',
    advice: 'List the sessions to see their ids.',
  },
  'accounts.no-such-token': {
    kind: 'missing',
    what: 'There is no token with this id.',
    advice: 'List the tokens to see their ids.',
  },
  'accounts.no-such-rtsp-password': {
    kind: 'missing',
    what: 'There is no RTSP password with this id.',
    advice: 'List the RTSP passwords to see their ids.',
  },
  'accounts.stale-challenge': {
    kind: 'later',
    what: 'The answer belongs to another challenge, or to one that has ended.',
    advice: 'Answer the new challenge; players do so by themselves.',
  },
  'accounts.not-for-machines': {
    kind: 'caller',
    what: 'This can only be done by a person who has signed in, not with a token.',
    advice: 'Sign in with name and password, or do it at the box itself.',
  },
  'accounts.endless': {
    kind: 'caller',
    what: 'A token that never ends may only look on.',
    advice: 'Give the token an end, or only the rights that are named.',
  },
  'accounts.too-many': {
    kind: 'caller',
    what: 'There are as many of these as the box keeps.',
    advice: 'Remove some that are no longer needed.',
  },
  'accounts.unreadable': {
    kind: 'lost',
    what: 'The accounts of the box could not be read; nobody can sign in. Recording goes on.',
    advice:
      'Put accounts.json of the data folder back from a backup, or move it away and restart the box: then it is set up anew with its claim code.',
  },
  'accounts.not-written': {
    kind: 'later',
    what: 'The accounts could not be written; the old ones stay in force.',
    advice: 'Check the space on the disk with the data folder, and that the folder can be written.',
  },
  'box.support-over': {
    kind: 'later',
    what: 'This release of the firmware is not looked after any more: weaknesses that are found in it will not be mended.',
    advice: 'Update the box to a newer release. It goes on recording.',
  },
  'box.bug': {
    kind: 'bug',
    what: 'The firmware made a mistake.',
    advice: 'Please report it with the log around this moment.',
  },
} as const satisfies Record<string, ErrorInfo>;
