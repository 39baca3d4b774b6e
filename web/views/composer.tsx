// Where one writes: Enter sends, Shift+Enter is a new line (while a Korean syllable is composed, Enter is neither). Files
// are chosen, dropped or pasted.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { limits } from "../../systems/discodeit/wire.ts";
import type { Chat } from "../chat.ts";
import { channelName, sizeText } from "../format.ts";
import { say } from "../words.ts";
import { Icon } from "./icons.tsx";

export function Composer({ chat, channelId }: { chat: Chat; channelId: string }): JSX.Element {
  const [text, setText] = useState("");
  const [files, setFiles] = useState<readonly File[]>([]);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, []);
  useEffect(() => {
    const element = field.current!;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
  const canSend = text.trim() !== "" || files.length > 0;
  const send = (): void => {
    if (!canSend) return;
    chat.rooms.send(channelId, text.trim(), files);
    setText("");
    setFiles([]);
    field.current?.focus();
  };
  const add = (more: FileList | undefined | null): void => {
    if (more && more.length > 0) setFiles([...files, ...more]);
  };
  const channel = chat.openChannel;
  const label = channel === undefined ? say("write") : say("writeTo", { name: channelName(channel, chat.me) });
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        add(event.dataTransfer?.files);
      }}
    >
      {files.length === 0 ? null : (
        <ul class="chosen">
          {files.map((file, at) => (
            <li key={`${at} ${file.name}`}>
              <Icon name="file" />
              <span class="name">{file.name}</span>
              <span class="size">{sizeText(file.size)}</span>
              <button
                type="button"
                class="plain"
                aria-label={say("remove", { name: file.name })}
                onClick={() => setFiles(files.toSpliced(at, 1))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="composer-row">
        <button
          type="button"
          class="plain"
          aria-label={say("attach")}
          title={say("attach")}
          onClick={() => picker.current?.click()}
        >
          <Icon name="clip" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          class="hidden"
          tabIndex={-1}
          aria-label={say("attach")}
          onChange={(event) => {
            add(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
        <textarea
          ref={field}
          rows={1}
          value={text}
          maxLength={limits.contentMax}
          placeholder={label}
          aria-label={label}
          onInput={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => add(event.clipboardData?.files)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="primary round" aria-label={say("send")} disabled={!canSend}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
