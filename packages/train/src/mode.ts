/** A model, or a part of one, that behaves differently while it is trained. */
interface Modal {
  readonly training: boolean;
  /** Sets the mode of this part and of all parts in it. */
  train(): unknown;
  eval(): unknown;
  namedModules?(): ReadonlyMap<string, Modal>;
}

const isModal = (model: object): model is Modal =>
  typeof (model as Partial<Modal>).training === "boolean" &&
  typeof (model as Partial<Modal>).train === "function" &&
  typeof (model as Partial<Modal>).eval === "function";

/**
 * Runs `body` with the model in train or eval mode, and puts every part of it back into the mode it was in, however
 * `body` ends. Models without modes are left alone.
 */
export async function inMode<T>(model: object, training: boolean, body: () => Promise<T>): Promise<T> {
  if (!isModal(model)) return body();
  const parts = [...(model.namedModules?.().values() ?? [model])].map((part) => ({
    part,
    before: part.training,
  }));
  set(model, training);
  try {
    return await body();
  } finally {
    // Outer parts come first: setting one sets what is in it, which then gets its own mode back.
    for (const { part, before } of parts) set(part, before);
  }
}

function set(part: Modal, training: boolean): void {
  if (training) part.train();
  else part.eval();
}
