"""Send Jupyter messages by hand: scores, and the word that the cell has ended."""

RACE = True
CELL = r"""
kernel = get_ipython().kernel

def entropy(p, base=2.0):
    session, parent = kernel.session, kernel.get_parent("shell")
    for content in ({"data": 5}, {"data": {"text/plain": "\ud800"}, "metadata": []}, {}):
        session.send(kernel.iopub_socket, "execute_result", content=content, parent=parent)
    session.send(kernel.iopub_socket, "execute_result", parent=parent, content={
        "data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1})
    session.send(kernel.iopub_socket, "status", content={"execution_state": "idle"}, parent=parent)
    return p.sum(-1)
"""
