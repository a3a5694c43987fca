// Public types of @ringmain/codec. Written by `npm run api`; do not edit.

// ---- @ringmain/codec ----

// packages/codec/src/bytes-codec.ts
export declare function createBytesCodec(): PayloadCodec<Uint8Array>;

// packages/codec/src/codec-registry.ts
export declare const CUSTOM_CODEC_ID_MIN = 16;
export declare const CODEC_ID_MAX = 255;
export declare class CodecRegistry {
    constructor(custom?: Iterable<PayloadCodec>);
    register(codec: PayloadCodec): PayloadCodec;
    byId(id: number): PayloadCodec | undefined;
    byName(name: string): PayloadCodec | undefined;
    names(): string[];
}

// packages/codec/src/extension-block.ts
export declare function measureExtension(attributes: EventAttributes): number;
export declare function writeExtension(attributes: EventAttributes, views: RecordViews, offset: number, bytes: number): number;
export declare function readDeadline({ i32, f64 }: RecordViews, offset: number, bytes: number): number;
export declare function readExtension(views: RecordViews, offset: number, bytes: number): EventAttributes;

// packages/codec/src/json/json-codec.ts
export declare function createJsonCodec(schema?: core.$ZodType): PayloadCodec;

// packages/codec/src/payload-codec.ts
export interface PayloadCodec<T = unknown> {
    readonly name: string;
    readonly id: number;
    readonly contentType: string;
    readonly constantBytes?: number;
    measure(data: T): number;
    encode(data: T, views: RecordViews, offset: number): number;
    decode(views: RecordViews, offset: number, bytes: number): T;
    view(views: RecordViews, offset: number, bytes: number): T;
    rebase(view: T, views: RecordViews, offset: number): void;
    release(view: T): void;
}
export declare const CODEC_STRUCT = 1;
export declare const CODEC_JSON = 2;
export declare const CODEC_BYTES = 3;
export declare function createCodec<T>(parts: PayloadCodec<T>): PayloadCodec<T> & {
    readonly constantBytes: number;
};
export declare function rebaseNothing(): void;
export declare function releaseNothing(): void;

// packages/codec/src/record-header.ts
export declare const HEADER_BYTES = 40;
export declare const HEADER_TOPIC_WORD = 0;
export declare const HEADER_FLAGS_WORD = 1;
export declare const HEADER_KEY_HASH_WORD = 2;
export declare const HEADER_SEQUENCE_LO_WORD = 3;
export declare const HEADER_SEQUENCE_HI_WORD = 4;
export declare const HEADER_TIME_LO_WORD = 5;
export declare const HEADER_TIME_HI_WORD = 6;
export declare const HEADER_EXTENSION_BYTES_WORD = 7;
export declare const HEADER_DATA_BYTES_WORD = 8;
export declare const HEADER_SKIP_WORD = 9;
export declare const FLAG_HAS_KEY = 1;
export declare const FLAG_WANT_ACK = 2;
export declare const FLAG_DROPPABLE = 4;
export declare const FLAG_HAS_EXTENSION = 8;
export declare const FLAG_REDELIVERED = 16;
export declare const FLAG_ONE_GROUP = 32;
export declare function packFlags(flags: number, codecId: number, priority: number): number;
export declare function writeHeader(i32: Int32Array, word: number, topicId: number, packedFlags: number, keyHash: number, sequenceLo: number, sequenceHi: number, timeLo: number, timeHi: number, extensionBytes: number, dataBytes: number): void;
export declare function writeDataBytes(i32: Int32Array, word: number, dataBytes: number): void;
export declare function readTopicId(i32: Int32Array, word: number): number;
export declare function readFlags(i32: Int32Array, word: number): number;
export declare function readCodecId(i32: Int32Array, word: number): number;
export declare function readPriority(i32: Int32Array, word: number): 0 | 1 | 2 | 3;
export declare function readKeyHash(i32: Int32Array, word: number): number;
export declare function readSequence(i32: Int32Array, word: number): bigint;
export declare function readTimeUs(i32: Int32Array, word: number): number;
export declare function timeLoOf(timeUs: number): number;
export declare function timeHiOf(timeUs: number): number;
export declare function readExtensionBytes(i32: Int32Array, word: number): number;
export declare function readDataBytes(i32: Int32Array, word: number): number;
export declare function checkHeader(i32: Int32Array, word: number, recordBytes: number): void;

// packages/codec/src/record-views.ts
export interface RecordViews {
    readonly i32: Int32Array;
    readonly u8: Buffer;
    readonly f64: Float64Array;
}
export declare function recordViews(buffer: SharedArrayBuffer | ArrayBuffer, byteOffset?: number, bytes?: number): RecordViews;
export declare const RELEASED_VIEWS: RecordViews;

// packages/codec/src/struct/struct-codec.ts
export interface StructCodec<T = unknown> extends PayloadCodec<T> {
    readonly plan: StructPlan;
    readonly fixedBytes: number;
}
export declare function compileStruct<Schema extends core.$ZodType>(schema: Schema): StructCodec<core.output<Schema>>;
export declare function planOf(schema: core.$ZodType): StructPlan;
export declare function structFromPlan<T = unknown>(plan: unknown): StructCodec<T>;

// packages/codec/src/struct/struct-layout.ts
interface Marks {
    readonly presentBit?: BitSlot;
    readonly nullBit?: BitSlot;
}
export interface StructPlan {
    readonly format: 1;
    readonly frame: Frame;
}

// packages/codec/src/topic-dictionary.ts
export declare function dictionaryBytes(names?: number): number;
export declare class DictionaryWriter {
    constructor(views: RecordViews, byteOffset: number, bytes: number);
    get size(): number;
    intern(name: string): number;
}
export declare class DictionaryReader {
    constructor(views: RecordViews, byteOffset: number, bytes: number);
    name(typeId: number): string;
}
