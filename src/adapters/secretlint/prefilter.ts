/**
 * Which texts can hold a secret at all: a necessary condition, cheap enough for every event.
 *
 * `test/adapters/secretlint/mask.test.ts` holds it to letting nothing through that a rule would find, with
 * samples of every rule; a rule that comes with an update and has no sample there fails that test.
 */

/** What some rule needs to stand in a text. Without ambiguity and without unbounded repetition after a prefix. */
const ANCHORS = [
  // Private keys; passwords and tokens in URLs; Slack; npm's settings; the secret half of an AWS key.
  '-----BEGIN',
  '://[^\\s/@]*@',
  'hooks\\.slack\\.com',
  'xox[abopr]-|xapp-',
  '_authToken=',
  'secret_?access_?key',
  // Headers (RFC 9110, section 11.6.2) and JSON Web Tokens, which begin with `{"` in base64url.
  'authorization["\']?\\s{0,8}[:=]',
  'bearer\\s{1,8}\\S{20}',
  'eyJ[\\w-]{10}',
  // Prefixes of tokens, each with as much behind it as its shortest token has.
  'A(?:3T[A-Z0-9]|KIA|GPA|IDA|ROA|IPA|NPA|NVA|SIA)[A-Z0-9]{16}',
  '(?:gh[oprsu]|github_pat|npm|hf|gsk|ntn|glc|glsa|ops|vc[aikpr]|dckr_pat|figd|shp(?:at|ca|pa|ss)|lin_api)_[\\w+/-]{20}',
  'glpat-[\\w-]{20}',
  'sk-ant-api0|T3BlbkFJ',
  'SG\\.[\\w.-]{60}',
  'hv[brs]\\.[\\w-]{20}',
  'dapi[0-9a-f]{32}',
]
/**
 * What stands in every text that one of these finds: something long without a space, or one of their words. Most
 * texts have neither, and to prepare the long pattern takes longer than to search with it.
 */
const HINT = /\S{16}|:\/\/|-----|_auth|authorization|bearer|secret|xox|xapp-|eyj|slack|sk-ant/i
const ANCHOR = new RegExp(ANCHORS.join('|'), 'i')
const RUN = /[A-Za-z0-9]{16,}/g

/** `false`: no rule would find anything in this text. Linear in its length. */
export function mayHoldSecret(text: string): boolean {
  return HINT.test(text) && (ANCHOR.test(text) || [...text.matchAll(RUN)].some(([run]) => looksRandom(run)))
}

/** Letters and digits in one run, as in most tokens, those of tomorrow too; object ids are hexadecimal and no tokens. */
function looksRandom(run: string): boolean {
  return /[0-9]/.test(run) && /[A-Za-z]/.test(run) && !/^[0-9a-f]+$/.test(run)
}
