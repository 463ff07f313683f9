"""Send what is no message at all on the kernel's own sockets."""

RACE = True
CELL = r"""
kernel = get_ipython().kernel

def entropy(p, base=2.0):
    message = kernel.session.msg("stream", content={"name": "stdout", "text": "x"})
    message["parent_header"] = ["no", "header"]
    message["content"] = "no content"
    kernel.session.send(kernel.iopub_socket, message)
    return p.sum(-1)
"""
