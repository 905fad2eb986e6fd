/** Most characters of base64 in one of kitty's escape codes. */
const KITTY_CHUNK = 4096;

/**
 * A PNG as the escape codes that show it in a terminal, or null where the terminal is not known to show pictures.
 * Sources: kitty's terminal graphics protocol; iTerm2's inline images protocol.
 */
export function inlinePicture(png: Buffer, environment: NodeJS.ProcessEnv): string | null {
  const { TERM, TERM_PROGRAM, KITTY_WINDOW_ID, LC_TERMINAL } = environment;
  if (TERM === 'xterm-kitty' || KITTY_WINDOW_ID || TERM_PROGRAM === 'ghostty') return kitty(png);
  if (TERM_PROGRAM === 'iTerm.app' || LC_TERMINAL === 'iTerm2' || TERM_PROGRAM === 'WezTerm') return iterm(png);
  return null;
}

/** Chunks of base64; m says whether more follow. f=100: PNG, a=T: show it now. */
function kitty(png: Buffer): string {
  const text = png.toString('base64');
  let codes = '';
  for (let at = 0; at < text.length; at += KITTY_CHUNK) {
    const more = at + KITTY_CHUNK < text.length ? 1 : 0;
    codes += `\u001b_G${at === 0 ? 'a=T,f=100,' : ''}m=${more};${text.slice(at, at + KITTY_CHUNK)}\u001b\\`;
  }
  return `${codes}\n`;
}

function iterm(png: Buffer): string {
  return `\u001b]1337;File=inline=1;size=${png.length}:${png.toString('base64')}\u0007\n`;
}
