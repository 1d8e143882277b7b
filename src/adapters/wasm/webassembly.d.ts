/**
 * As much of the JavaScript interface of WebAssembly as is used here (W3C, WebAssembly JavaScript Interface); TypeScript
 * has it only together with the whole of a browser.
 */
declare namespace WebAssembly {
  class Module {
    private readonly isModule
    constructor(bytes: Uint8Array)
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[]
    static exports(module: Module): { readonly name: string; readonly kind: string }[]
  }
  class Memory {
    readonly buffer: ArrayBuffer
  }
  class Global {
    value: number | bigint
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Record<string, unknown>
  }
  class RuntimeError extends Error {
    private readonly isRuntimeError
  }
  class LinkError extends Error {
    private readonly isLinkError
  }
  class CompileError extends Error {
    private readonly isCompileError
  }
  function validate(bytes: Uint8Array): boolean
  function compile(bytes: Uint8Array): Promise<Module>
}
