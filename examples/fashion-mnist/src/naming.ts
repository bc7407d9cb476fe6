// Names what a network sees.

import { stack, type Tensor } from "cotangent";
import { loadImage, type NamedClass, normalize, resizeToCover, topClasses } from "cotangent/data";
import type { Classifier } from "./network.ts";
import { drawImage, styleFor } from "./picture.ts";

/** An image to be named, [height, width, channels] from 0 to 1, and what to call it. */
export interface Picture {
  readonly title: string;
  readonly image: Tensor;
}

/** The classes of images, the most probable first. */
export function classify(
  { model, classNames }: Classifier,
  images: readonly Tensor[],
  top = 3,
): NamedClass[][] {
  return topClasses(model.eval().forward(stack(images)), classNames, {
    top: Math.min(top, classNames.length),
  });
}

/** A PNG or JPEG file of any size as the classifier takes it. */
export async function loadPicture(file: string, { imageShape }: Classifier): Promise<Tensor> {
  const [height = 1, width = 1, channels] = imageShape;
  const image = await loadImage(file, { color: channels === 1 ? "grayscale" : "rgb" });
  return normalize(resizeToCover(image, [height, width]), { std: 255 });
}

/** The pictures with what the classifier makes of them, as text. */
export function nameTheseImages(
  classifier: Classifier,
  pictures: readonly Picture[],
  stream: { readonly isTTY?: boolean },
): string {
  const named = classify(
    classifier,
    pictures.map(({ image }) => image),
  );
  const blocks = pictures.map(({ title, image }, i) => {
    const guesses = (named[i] ?? []).map(({ name, probability }) => `  ${percent(probability)}  ${name}`);
    return [title, ...drawImage(image, { width: 28, style: styleFor(stream) }), ...guesses].join("\n");
  });
  return blocks.join("\n\n");
}

/** ` 97.31 %` */
const percent = (share: number): string => `${(100 * share).toFixed(2).padStart(6)} %`;
