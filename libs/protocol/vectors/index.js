// The vectors as JavaScript values. README.md describes the keys.
import comments from './comments.json' with { type: 'json' }
import fields from './fields.json' with { type: 'json' }
import frames from './frames.json' with { type: 'json' }
import idsAndRetry from './ids-and-retry.json' with { type: 'json' }
import lines from './lines.json' with { type: 'json' }
import text from './text.json' with { type: 'json' }

/** Cases for decoders. */
export const decodeVectors = [...lines, ...fields, ...idsAndRetry, ...comments, ...text]

/** Cases for encoders. */
export const encodeVectors = frames
