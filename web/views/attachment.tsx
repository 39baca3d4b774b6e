// A file of a message: its name, size and state, and the picture when it is one. Bytes are asked for with the token and
// shown from memory, because an <img> cannot send it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat.ts";
import { sizeText } from "../format.ts";
import { say } from "../words.ts";
import type { FileDto } from "../wire.ts";
import { Icon } from "./icons.tsx";

/** SVG is left out: it is a document. */
const pictures = /^image\/(png|jpeg|gif|webp|avif)$/;
const pictureBytesMax = 5_000_000;
const stateWords = { waiting: "fileWaiting", ready: "fileReady", failed: "fileFailed" } as const;

export function Attachment({ chat, file }: { chat: Chat; file: FileDto }): JSX.Element {
  const { id, fileName, size, contentType } = file;
  const state = chat.fileState(file);
  const [picture, setPicture] = useState<string>();
  const path = `/api/binaryContents/${id}/download`;
  const isPicture = state === "ready" && pictures.test(contentType) && size < pictureBytesMax;
  useEffect(() => {
    if (!isPicture) return undefined;
    let url: string | undefined;
    let gone = false;
    const show = (blob: Blob): void => {
      if (gone) return;
      url = URL.createObjectURL(blob);
      setPicture(url);
    };
    chat.api.blob(path).then(show, () => undefined); // The file is still there to be downloaded.
    return () => {
      gone = true;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [isPicture, path]);
  const download = async (): Promise<void> => {
    const url = URL.createObjectURL(await chat.api.blob(path));
    const link = document.createElement("a");
    link.href = url;
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <div class={`file ${state}`} data-file={id} data-state={state}>
      {picture === undefined ? null : <img src={picture} alt={fileName} onError={() => setPicture(undefined)} />}
      <button
        type="button"
        class="file-row"
        disabled={state !== "ready"}
        aria-label={state === "ready" ? say("download", { name: fileName }) : `${fileName}, ${say(stateWords[state])}`}
        onClick={() => void download().catch(chat.complain)}
      >
        <Icon name="file" />
        <span class="name">{fileName}</span>
        <span class="size">{sizeText(size)}</span>
        <span class="state">{say(stateWords[state])}</span>
      </button>
    </div>
  );
}
