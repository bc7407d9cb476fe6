/**
 * A value as text, with as many digits as its error leaves it, between 4 and 17; 10 where the error is not known, none where it has no bound. What
 * two values differ in shows as long as it is more than the error.
 */
export function valueText(value: number | null, error: number | null): string {
  if (value === null || error === Number.POSITIVE_INFINITY) return "unknown";
  if (!Number.isFinite(value) || value === 0) return Object.is(value, -0) ? "-0" : String(value);
  return withDigits(value, error === null ? 10 : knownDigits(value, error));
}

function knownDigits(value: number, error: number): number {
  if (error === 0) return 17;
  if (!Number.isFinite(error)) return 10;
  const digits = Math.ceil(Math.log10(Math.abs(value) / error)) + 1;
  return Math.min(17, Math.max(4, digits));
}

/** Digits as asked for, with an exponent where the number is very large or small; no zeros at the end. */
function withDigits(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e9) return tidy(value.toExponential(digits - 1));
  return tidy(value.toPrecision(digits));
}

const tidy = (text: string): string => {
  const [mantissa, exponent] = (text.includes("e") ? text : `${text}e`).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === "" ? short : `${short}e${exponent.replace("+", "")}`;
};

/** A size that is good to two digits: an error, a ratio. */
export function roughly(value: number | null): string {
  if (value === null) return "";
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) {
    return tidy(value.toExponential(1));
  }
  return tidy(value.toPrecision(Math.abs(value) >= 100 ? Math.floor(Math.log10(Math.abs(value))) + 1 : 2));
}
